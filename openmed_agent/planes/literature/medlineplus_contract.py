"""What MedlinePlus Connect answers as JSON: an Atom feed whose texts are ``{"_value": ...}``.

Source: medlineplus.gov/medlineplus-connect, web service. ``entry`` and ``link`` may be one object or a list; a
code without a page has no entry.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


def _listed(value: Any) -> Any:  # noqa: ANN401 - before validation it may be anything
    return [value] if isinstance(value, dict) else value


class Text(_Reply):
    """A text of the feed."""

    value: Annotated[str, Field(alias="_value")] = ""


class Title(_Reply):
    """A text that must be there."""

    value: Annotated[str, Field(alias="_value", min_length=1)]


class Link(_Reply):
    """Where a page is."""

    href: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,2000}$")]


class Entry(_Reply):
    """One page."""

    title: Title
    link: Annotated[tuple[Link, ...], BeforeValidator(_listed), Field(min_length=1)]
    summary: Text = Text(_value="")


class Feed(_Reply):
    """The pages for one code."""

    title: Title
    entry: Annotated[tuple[Entry, ...], BeforeValidator(_listed)] = ()


class FeedReply(_Reply):
    """The whole reply."""

    feed: Feed
