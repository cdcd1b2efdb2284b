"""When pydantic makes the validators of values. It stays empty of imports: the command line loads it before anything.

pydantic makes a validator when its class is defined, or later when one is first needed, but then without a lock: of
two threads that need it, one may find it half made. So a library, whose callers may have threads, makes them at once,
and a command, which needs few of them and reads a table in a blink, waits - until it starts threads itself.
"""

import sys

#: Whether classes that are defined from now on wait with their validators.
late = False


def make_late() -> None:
    """Let classes that are defined from now on make their validators when they are needed: for one thread only."""
    global late  # noqa: PLW0603 - how a process runs is said once, at its start
    late = True


def make_all() -> None:
    """Make every validator that waits, and those of modules loaded later at once: threads may follow."""
    global late  # noqa: PLW0603
    if not late:
        return
    late = False
    from calico_bgp.model.frozen import make_at_once  # noqa: PLC0415 - pydantic is there if anything waits

    for name, module in list(sys.modules.items()):
        if name.startswith("calico_bgp."):
            for value in list(vars(module).values()):
                if isinstance(value, type) and value.__module__ == name:
                    make_at_once(value)
