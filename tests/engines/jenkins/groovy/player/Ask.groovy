package player

import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/** The conversation with the process that started this one: a line of JSON each way. */
class Ask {
    private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true, 'UTF-8')
    private static final BufferedReader IN = new BufferedReader(new InputStreamReader(System.in, 'UTF-8'))

    static synchronized Map say(String what, Object... words) { ask([say: what, words: words as List]) }

    static synchronized Map ask(Map message) {
        OUT.println(JsonOutput.toJson(message))
        read()
    }

    static synchronized void tell(Map message) { OUT.println(JsonOutput.toJson(message)) }

    /** The next line, or null at the end. */
    static Map read() {
        def line = IN.readLine()
        line == null ? null : new JsonSlurper().parseText(line) as Map
    }
}
