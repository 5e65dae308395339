"""Whether somebody knows the passphrase of a store, without opening the store."""

from pathlib import Path

from openmed_agent.errors import StoreError
from openmed_agent.secrets.custody import recorded_custody
from openmed_agent.secrets.passphrase import WrongPassphraseError
from openmed_agent.store.description import load_key, read_description
from openmed_agent.store.layout import StoreLayout


def has_passphrase(root: Path) -> bool:
    """Return whether the store below ``root`` has one; where there is no store there is none.

    Raises:
        StoreError: the store's description cannot be read.

    """
    description = read_description(StoreLayout(root).description)
    return description is not None and description.custody == "passphrase"


def is_passphrase(root: Path, passphrase: str) -> bool:
    """Return whether this is the passphrase of the store below ``root``.

    Raises:
        StoreError: the store has none, or its key cannot be read.
        InputError: the passphrase holds bytes that are no UTF-8.

    """
    layout = StoreLayout(root)
    description = read_description(layout.description)
    if description is None or description.custody != "passphrase":
        raise StoreError("The store has no passphrase.")
    custody = recorded_custody("passphrase", folder=layout.sessions, passphrase=lambda _: passphrase)
    try:
        load_key(description, custody)
    except WrongPassphraseError:
        return False
    return True
