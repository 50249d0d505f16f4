"""The probe: a small POSIX program between the commands of each job, which says what the job sees and asks what shall fail.

A plan is rendered with the probe's lines among its commands; whatever engine runs the file runs them. The commands' own bytes
stay as they are, and so does what the translation makes of the stage: a probe's line mentions no fact and leaves no shell.
"""

from collections import Counter
from pathlib import Path

from pipelinekit.model.plan import Plan, Stage
from pipelinekit.model.value import replace

SCRIPT = r"""#!/bin/sh
# pk-probe start | setup INDEX | at JOB INDEX | done JOB
# One process is one attempt of a job: its shell's number and start time name it.
state=@STATE@
read -r stat <"/proc/$PPID/stat"
verb=$1 job=$2 index=$3
set -- ${stat##*) }
key=$PPID-${20}
set -- "$verb" "$job" "$index"
say() { # KIND JOB INDEX REST
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$key" "$2" "$3" "$4" >>"$state/log"
}
attempt() { # JOB: sets n, the number of the attempts of this job so far
    n=0
    if [ -e "$state/attempts/$1" ]; then
        while read -r line; do
            n=$((n + 1))
            [ "$line" = "$key" ] && return
        done <"$state/attempts/$1"
    fi
    n=$((n + 1))
    echo "$key" >>"$state/attempts/$1"
}
tree() { # what lies in the folder: mode and hash of each file, each with a NUL behind it
    find . -path ./.git -prune -o -type f -printf '%m %P\0' -exec sha256sum -z {} + >"$state/trees/$1"
}
parents() { # the arguments of the processes in which the job runs
    number=$PPID
    while [ "$number" -gt 1 ] && [ -r "/proc/$number/cmdline" ]; do
        cat "/proc/$number/cmdline" >"$state/started/$key-$number.argv"
        read -r stat <"/proc/$number/stat"
        set -- ${stat##*) }
        number=$2
    done
}
case $1 in
start)
    cat "/proc/$$/environ" >"$state/environ/$key"
    pwd >"$state/folders/$key"
    tree "$key.start"
    [ -e "$state/started" ] && parents
    while read -r name; do
        eval "path=\${$name-}"
        [ -f "$path" ] && sha256sum <"$path" >"$state/secret-files/$key.$name"
    done <"$state/secret-names"
    say start '' '' ''
    ;;
setup)
    say setup '' "$2" ''
    ;;
at)
    attempt "$2"
    fail=$state/fail/$2.$3
    if [ -e "$fail" ]; then
        read -r kind status attempts <"$fail"
        if [ "$kind" != output ] && { [ "$attempts" = all ] || [ "$n" -le "$attempts" ]; }; then
            say "$kind" "$2" "$3" "$status"
            [ "$kind" = exit ] && exit "$status"
            exec sleep 300
        fi
    fi
    say at "$2" "$3" ''
    ;;
done)
    attempt "$2"
    read -r folder <"$state/folders/$key"
    cd "$folder" || exit 90
    fail=$state/fail/$2.output
    if [ -e "$fail" ]; then
        read -r kind status attempts <"$fail"
        if [ "$attempts" = all ] || [ "$n" -le "$attempts" ]; then
            while read -r path; do rm -rf "$path"; done <"$state/outputs/$2"
        fi
    fi
    tree "$key.done"
    say 'done' "$2" '' ''
    ;;
*)
    echo "pk-probe: $1?" >&2
    exit 91
    ;;
esac
"""


def install(folder: Path, state: Path) -> Path:
    """Write the probe into `folder`; what it finds and asks is below `state`. The path is what `instrument` takes."""
    probe = folder / "pk-probe"
    probe.write_text(SCRIPT.replace("@STATE@", str(state)))
    probe.chmod(0o755)
    return probe


def instrument(plan: Plan, probe: Path | str) -> Plan:
    """The plan with the probe around each command. Setup that several stages share gets lines that they share too, so that a backend
    may still say it once; container builds have no commands and are watched by whoever runs them.
    """
    shared = {setup for setup, times in Counter(stage.setup for stage in plan.stages if stage.setup).items() if times > 1}
    shared |= {stage.setup for stage in plan.stages if stage.setup and stage.matrix}
    return replace(plan, stages=tuple(_stage(stage, str(probe), stage.setup in shared) for stage in plan.stages))


def _stage(stage: Stage, probe: str, shared: bool) -> Stage:
    if stage.is_gate or stage.container:
        return stage
    job = "-".join((stage.name, *(f"${{{axis.variable}}}" for axis in stage.matrix)))
    setup: list[str] = []
    for index, command in enumerate(stage.setup):
        setup += [f"{probe} setup {index}" if shared else f"{probe} at {job} {index}", command]
    commands: list[str] = []
    for index, command in enumerate(stage.commands, len(stage.setup)):
        commands += [f"{probe} at {job} {index}", command]
    start = f"{probe} start"
    commands.append(f"{probe} done {job}; :")  # not the last word: a shell may become its last command, under another number
    return replace(
        stage,
        setup=(start, *setup) if setup else (),
        commands=tuple(commands) if setup else (start, *commands),
    )
