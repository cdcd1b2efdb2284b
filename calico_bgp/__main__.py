"""`python -m calico_bgp` and the console script. Only the start of the command line may enter this file.

`python -m` puts the current folder first on sys.path. Its files are not ours to run, so it is taken off before anything
more is imported; for the same reason neither this file nor the package's own begins with `from __future__`.
"""

import gc
import os
import sys

_EXIT_FAILURE = 4
_EXIT_INTERRUPTED = 130
#: New objects after which Python looks for cycles among them; its own 700 costs an audit of a large cluster a sixth.
_GARBAGE_LIMIT = 50_000


def main() -> None:
    """Run the command line; the exit code is documented in docs/exit-codes.md."""
    gc.set_threshold(_GARBAGE_LIMIT)
    try:
        from calico_bgp.cli.main import cli  # noqa: PLC0415 - only after sys.path has been looked after
        from calico_bgp.model import validators  # noqa: PLC0415

        validators.make_late()
        cli(prog_name="calico-bgp")
    except KeyboardInterrupt:  # while it starts, or for the second time
        sys.exit(_EXIT_INTERRUPTED)
    except ImportError as error:
        print(f"calico-bgp: it is not installed as a whole: {error}; install it again with pip", file=sys.stderr)
        sys.exit(_EXIT_FAILURE)
    finally:
        gc.freeze()  # when it ends, Python looks through all that is left for cycles: for nothing


def leave_the_current_folder() -> None:
    """Undo what `python -m` did to sys.path. What the user put there (PYTHONPATH, an installation) stays."""
    if sys.flags.safe_path or not sys.path:
        return  # -P, -I or PYTHONSAFEPATH: it did nothing
    try:
        folder = os.getcwd()  # noqa: PTH109 - pathlib is not loaded yet
    except OSError:
        return  # the folder was deleted; then it did nothing either
    if sys.path[0] == folder:
        del sys.path[0]


if __name__ == "__main__":
    leave_the_current_folder()
    main()
