#!/usr/bin/env bash
# Runs the demo on a tree with odd files, without one, and stops it with Ctrl-C. Usage: run.sh DEMO
set -euo pipefail
demo=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() {
  echo "demo: $*"
  exit 1
}

mkdir -p tree/below tree/none
echo "hello world hello" >tree/text
printf 'bin\0ary' >tree/binary
ln -s /nowhere tree/broken
ln -s .. tree/below/loop
: >tree/empty
echo "the end" >tree/below/more
"$demo" tree >output
grep -q '^3 text files' output || fail "it does not count three files: $(cat output)"
grep -q 'left out: 1 binary, 1 broken links' output || fail "it does not say what it left out"
grep -q '2  hello' output || fail "it does not count words"
grep -q 'the same work in four ways' output || fail "it does not compare"
grep -q '<svg' heddle-demo.svg || fail "it leaves no chart"
"$demo" tree/none | grep -q 'there is no text below' || fail "an empty directory is not survived"
status=0
"$demo" missing 2>error || status=$?
[ "$status" -eq 2 ] && grep -q 'is no directory' error || fail "a missing directory: status $status"

# Enough to do for the signal to find it at work.
mkdir many
for i in $(seq 1 2000); do seq 1 200 | tr '0-9' 'a-j' >"many/$i"; done
perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$demo" many >interrupted 2>&1 &
pid=$!
until [ -s interrupted ]; do :; done
kill -INT $pid
status=0
wait $pid || status=$?
[ "$status" -eq 130 ] && grep -q 'interrupted; counted so far' interrupted || fail "Ctrl-C: status $status, $(cat interrupted)"
echo "the demo does what it should"
