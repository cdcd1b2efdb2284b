"""What takes away every change that a fault made to a node's network and files. Text only."""

from __future__ import annotations

from tests.rig.machines.node import RigNode
from tests.rig.requirements import program

#: A device that faults add to a node.
BRIDGE = "br-0a1b2c"


def mending_of(node: RigNode) -> str:
    """A shell script for the node; what stands, it does not cut."""
    plan = node.plan
    return f"""
{program("iptables")} -F
{program("iptables")} -t nat -F
{program("ip6tables")} -F
for t in unreachable blackhole prohibit; do
    ip route flush type $t
    ip -6 route flush type $t
done
ip link del {BRIDGE} 2>/dev/null
# Addresses that came besides its own. Its own is not set anew where it is there: that would cut what stands.
ip -4 -o address show dev eth0 | while read -r _ _ _ a _; do
    [ $a = {plan.ipv4}/24 ] || ip address del $a dev eth0
done
ip -4 -o address show dev eth0 | grep -qF ' {plan.ipv4}/24 ' || ip address add {plan.ipv4}/24 dev eth0
sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
ip -6 -o address show dev eth0 | grep -qF ' {plan.ipv6}/64 ' || ip address add {plan.ipv6}/64 dev eth0 nodad
echo {node.name} >/var/lib/calico/nodename
rm -f /run/bird*.stopped
if [ -e /run/taker.pid ]; then kill -9 $(cat /run/taker.pid); rm /run/taker.pid; fi
true
"""
