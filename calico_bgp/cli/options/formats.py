"""The forms of an answer, declared once by its command: `--format`, completion and docs/formats.md are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from calico_bgp.report.text.page import TextStyle

AnswerT = TypeVar("AnswerT")
#: What everybody knows, so that `--help` does not say it.
_KNOWN = frozenset({"text", "json"})


@dataclass(frozen=True, slots=True)
class Format(Generic[AnswerT]):
    """One form.

    Attributes:
        what: What it is, and for whom, in a few words.
        render: Makes it of the command's answer and of a TextStyle; None where the command's text has no style.
    """

    what: str
    render: Callable[[AnswerT, Any], str | Iterable[str]]


class Formats(Generic[AnswerT]):
    """The forms of a command's answer, by their names; the first is the default."""

    def __init__(self, **forms: Format[AnswerT]) -> None:
        self.forms = forms

    def render(self, name: str, answer: AnswerT, style: TextStyle | None = None) -> str | Iterable[str]:
        """The answer in that form, whole or in pieces; it ends in a line feed."""
        return self.forms[name].render(answer, style)

    def option(self, noun: str = "answer") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """`--format`, as keyword `form`.

        Args:
            noun: What is written: `answer`, `plan`.
        """
        special = [f"{name}: {form.what}" for name, form in self.forms.items() if name not in _KNOWN]
        return click.option(
            "--format",
            "form",
            type=FormChoice({name: form.what for name, form in self.forms.items()}),
            default=next(iter(self.forms)),
            show_default=True,
            help=f"{'; '.join(special)}." if special else f"How the {noun} is written.",
        )


class FormChoice(click.Choice[str]):
    """The names of forms; a shell shows with each what it is.

    Args:
        meanings: Name → what it is.
    """

    def __init__(self, meanings: dict[str, str]) -> None:
        super().__init__(list(meanings))
        self.meanings = meanings

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Each name that begins so."""
        del ctx, param
        return [CompletionItem(name, help=what) for name, what in self.meanings.items() if name.startswith(incomplete)]
