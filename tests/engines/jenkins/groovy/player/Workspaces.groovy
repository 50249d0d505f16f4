package player

/** The workspaces of a job on an agent (core: WorkspaceList): the next free one, as the last build or stage has left it. */
class Workspaces {
    private final File root
    private final String name
    private final Set<Integer> taken = [] as Set

    Workspaces(File root, String job) {
        this.root = root
        name = job.replaceAll('[^A-Za-z0-9_.-]', '_')
    }

    synchronized Map lease() {
        int number = 1
        while (number in taken) { number++ }
        taken << number
        def folder = new File(root, number == 1 ? name : "$name@$number")
        if (!folder.exists()) { litter(folder) }
        [number: number, folder: folder]
    }

    synchronized void free(Map lease) { taken.remove(lease.number) }

    /** What an earlier build has left: a build that sees it has not cleaned up. */
    private static void litter(File folder) {
        new File(folder, 'dist').mkdirs()
        ['left-behind.txt', '.left-behind', 'dist/left-behind.whl', '...left'].each { new File(folder, it).text = 'old\n' }
    }
}
