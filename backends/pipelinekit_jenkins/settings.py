"""What only the Jenkins side knows."""

from pipelinekit.backend import LINE, setting
from pipelinekit.model.value import value


@value
class Settings:
    """`Pipeline(targets={"jenkins": {…}})`."""

    label: str = setting("docker", help="label of the agents that have the docker CLI and share its file system", form=LINE)
    user: str = setting(
        "root", help="whom containers run as: root, or the agent's own user with a HOME of its own", choices=("root", "agent")
    )
    order: str = setting(
        "waves",
        help="where parallel would stand in parallel: waves of stages, or the exact order by a script in one stage",
        choices=("waves", "scripted"),
    )
    cache: str = setting("none", help="what keeps caches between builds: nothing, or the plugin jobcacher", choices=("none", "jobcacher"))
    cache_size: int = setting(2000, help="megabytes that one cache may take, with jobcacher")
    gate_days: int = setting(14, help="days after which an unanswered gate counts as rejected, where it has no timeout= of its own")
    submitter: str = setting(
        "",
        help="users and groups, separated by commas, who may answer gates; empty: whoever may build",
        example="release-managers",
        form=LINE,
    )
    repository: str = setting(
        "https://git.example.com/OWNER/REPOSITORY.git", help="address of the repository, for the job that `setup` describes"
    )
    jenkinsfile: str = setting("Jenkinsfile", help="path of the emitted pipeline")
    plugins: str = setting("jenkins/plugins.txt", help="path of the emitted list of plugins")
