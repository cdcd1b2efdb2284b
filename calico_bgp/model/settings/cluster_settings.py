"""What calico-bgp.toml says of a cluster and of output, as values with their places. parse.clusters reads them."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES

SettingValue = bool | int | str | tuple[str, ...]


@dataclass(frozen=True, slots=True, config=VALUES)
class Setting:
    """One key of a file.

    Attributes:
        key: Its name: that of the option whose default it is, with `_` for `-`.
        value: What it is set to. Of paths of a file that was loaded: relative to the current folder, or absolute.
        source: The file.
        line: The line in it, from 1; None where that is not known.
    """

    key: str
    value: SettingValue
    source: str
    line: int | None = None

    @property
    def place(self) -> str:
        """`file:line`, as errors begin."""
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True, config=VALUES)
class ClusterSettings:
    """One `[clusters.NAME]` table.

    Attributes:
        name: Its name.
        settings: What it sets, in the order of the file.
    """

    name: str
    settings: tuple[Setting, ...] = ()

    @property
    def by_key(self) -> dict[str, Setting]:
        """The settings by their keys."""
        return {setting.key: setting for setting in self.settings}
