#!/bin/sh
# Checks what make needs, names everything that is missing with its fix, and fails if anything is.
#
#   prerequisites.sh PYTHON server   a local server: Java and Maven, or a Docker daemon
#   prerequisites.sh PYTHON test     the tests: Java and Maven
#   prerequisites.sh PYTHON lint     Python only
python=${1:-python3}
goal=${2:-server}
failed=0

missing() {
    printf '%s\n' "$1" >&2
    failed=1
}

# where graph/local/java.py looks, too
java_found() {
    for java in "${JAVA_HOME:-/nowhere}/bin/java" "$(command -v java)" /usr/lib/jvm/*/bin/java \
        /usr/java/*/bin/java /opt/java/*/bin/java "$HOME"/.sdkman/candidates/java/*/bin/java \
        /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java /opt/homebrew/opt/openjdk*/bin/java; do
        [ -x "$java" ] || continue
        case "$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)" in
            "$1" | "$2") return 0 ;;
        esac
    done
    return 1
}

docker_answers() {
    command -v docker >/dev/null 2>&1 && docker info >/dev/null 2>&1
}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    missing "Python 3.11 or later not found: apt-get install python3 python3-venv, or make PYTHON=/path/to/python3.11"
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing "Python's venv module not found: apt-get install python3-venv"
fi

if [ "$goal" = test ] || { [ "$goal" = server ] && ! docker_answers; }; then
    or_docker=
    [ "$goal" = server ] && or_docker=' (or start a Docker daemon)'
    old=17 new=21
    [ "${REELGRAPH_TEST_NEO4J:-${REELGRAPH_NEO4J:-5.26}}" = 2026 ] && old=21 new=25
    if ! java_found $old $new; then
        missing "Java $old or $new not found: apt-get install openjdk-$old-jre-headless$or_docker"
    fi
    if ! command -v mvn >/dev/null 2>&1; then
        missing "Maven not found: apt-get install maven$or_docker"
    fi
fi

exit $failed
