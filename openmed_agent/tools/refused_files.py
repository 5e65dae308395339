"""Files that no tool reads or writes, whatever folder was granted: credentials, keys, approvals, signed manifests."""

import re
import unicodedata
from typing import Final

from openmed_agent.errors import NotPermittedError

_NEVER_READ: Final = frozenset(
    {
        *(".openmed", ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".gcloud", ".password-store"),
        *(
            ".netrc",
            "_netrc",
            ".pgpass",
            ".my.cnf",
            ".npmrc",
            ".pypirc",
            ".git-credentials",
            ".htpasswd",
            ".vault-token",
        ),
        *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "authorized_keys", "credentials.json", "token.json"),
    }
)
_NEVER_READ_ENDINGS: Final = (".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".approval")
# What a later session would obey: instructions and skills are a person's to write.
_NEVER_WRITTEN: Final = frozenset({"openmed.md", "agents.md", "claude.md", "skill.md", "workflow.yaml"})
_TOKEN: Final = re.compile(r"openmed-approval\.1\.[A-Za-z0-9_-]{20}")
_PRIVATE_KEY: Final = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----")
_MANIFEST: Final = "openmed.manifest/1"
_SIGNATURE: Final = re.compile(r'"signature"\s{0,20}:\s{0,20}"[A-Za-z0-9_-]{86}"')


def is_refused_name(name: str, *, for_writing: bool) -> bool:
    """Return whether a file or folder of this name is refused; hidden ones are never written."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    if folded in _NEVER_READ or folded.endswith(_NEVER_READ_ENDINGS):
        return True
    if folded == ".env" or folded.startswith((".env.", ".openmed")):
        return True
    return for_writing and (folded.startswith(".") or folded in _NEVER_WRITTEN)


def check_content(text: str) -> None:
    """Check that a file's text is none that a model must not have.

    Raises:
        NotPermittedError: it holds an approval, a private key, or the signed manifest of a bundle.

    """
    if _TOKEN.search(text) or _PRIVATE_KEY.search(text) or (_MANIFEST in text and _SIGNATURE.search(text)):
        raise NotPermittedError(
            "The file holds an approval, a signature or a private key, which no tool may read.",
            remedy="Choose a file of the record itself.",
        )
