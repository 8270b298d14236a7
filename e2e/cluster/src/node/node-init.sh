#!/bin/sh
# The first process of a node, in network, mount and process namespaces of its own: with it everything in them ends.
# $1: a folder with run/, lib/ and log/, which the node has in the place of the machine's.
set -eu

# Writes that the kubelet would do to the whole machine go to files; they hold already what it wants.
pretend() { # FILE VALUE
  [ -e "$1" ] || return 0
  printf '%s\n' "$2" > "$node/$(basename "$1")"
  mount --bind "$node/$(basename "$1")" "$1"
}

node=$1
pretend /proc/sys/vm/overcommit_memory 1
pretend /proc/sys/vm/panic_on_oom 0
pretend /proc/sys/kernel/panic 10
pretend /proc/sys/kernel/panic_on_oops 1
pretend /proc/sys/kernel/keys/root_maxkeys 1000000
pretend /proc/sys/kernel/keys/root_maxbytes 25000000

mount --bind "$node/lib" /var/lib
mount --bind "$node/log" /var/log
mount --bind "$node/run" /run
mount --make-rshared /
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
: > "$node/ready"

# Orphans become children of this process, and each round collects those that have ended.
while sleep 1; do :; done
