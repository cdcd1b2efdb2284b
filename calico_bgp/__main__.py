"""`python -m calico_bgp` and the console script. Only the start of the command line may enter this file."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the exit code is documented in docs/exit-codes.md."""
    from calico_bgp.cli.main import cli  # noqa: PLC0415 - a worker process imports this module without the command line

    cli(prog_name="calico-bgp")


if __name__ == "__main__":
    main()
