"""Starts a worker process. processes.py runs it by its path, `python -P .../start_worker.py`; nothing imports it.

So no folder is put on sys.path: neither the current one, whose files are not ours to run, nor the package's own, whose
neighbours (a checkout's files, all of site-packages) would come before the standard library.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def _load_package() -> None:
    """Make `calico_bgp` the package that this file belongs to: the parent's, however the parent came by it."""
    folder = Path(__file__).parents[3]
    spec = spec_from_file_location(folder.name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None
    assert spec.loader is not None
    package = module_from_spec(spec)
    sys.modules[folder.name] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _load_package()
    # paramiko imports invoke, where it is installed, for `Match exec` in its own reader of ssh_config, which we do not
    # use. It is a third of the start (0.15 of 0.40 s of CPU) and 7 MB, in a process that belongs to us alone.
    sys.modules["invoke"] = None  # type: ignore[assignment]
    from calico_bgp.sources.ssh.workers.worker import main

    main()
