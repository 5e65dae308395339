"""The settings that a user or an administrator chose, as one immutable value.

Layers, the later one wins: defaults, ``config.toml`` in the configuration folder, environment variables.
Credentials come from the environment only, never from the file. Over all of them stand the limits of the site in
one file of the system, which no variable moves and which can only tighten what a review or a session allows. The file
of a project (``settings.project``) is no layer here: it narrows the result for a session that works in the project.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool, ValidationError, field_validator

from openmed_agent.errors import InputError
from openmed_agent.settings.models import DestinationLimits, DestinationSettings, ModelSettings
from openmed_agent.settings.paths import Paths, find_paths
from openmed_agent.settings.permissions import (
    FileLimits,
    FileSettings,
    PermissionLimits,
    PermissionSettings,
    PrivacyLimits,
    PrivacySettings,
)

KeyCustody = Literal["auto", "keyring", "passphrase", "file"]

INFERENCE_URL: Final = "OPENMED_INFERENCE_URL"
INFERENCE_KEY: Final = "OPENMED_INFERENCE_API_KEY"
CODES_URL: Final = "OPENMED_MED_CODES_API_URL"
CODES_KEY: Final = "OPENMED_MED_CODES_API_KEY"
STORE_KEY: Final = "OPENMED_STORE_KEY"
NCBI_KEY: Final = "NCBI_API_KEY"

SITE_FILE: Final = Path("/etc/openmed/config.toml")


_KEYS: Final = (
    ("inference", "api_key"),
    ("codes", "api_key"),
    ("model", "api_key"),
    ("literature", "ncbi_api_key"),
)
_NCBI_KEY: Final = re.compile(r"[A-Za-z0-9]{8,64}")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlaneSettings(_Section):
    """One plane: no ``url`` means the embedded application."""

    url: str | None = None
    api_key: SecretStr | None = Field(default=None, exclude=True)
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    trusted_for_strict: bool = False


class StoreSettings(_Section):
    """How the key of a new store is kept; an existing store keeps the way it was made with."""

    key: KeyCustody = "auto"


class ReviewSettings(_Section):
    """What a site allows at sign-off."""

    allow_scripted: bool = True
    draft_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24
    approval_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 60


class ReviewLimits(_Section):
    """What the site's administrator allows at most; None sets no limit."""

    allow_scripted: StrictBool = True
    draft_hours: Annotated[int, Field(ge=1, le=24 * 30)] | None = None
    approval_minutes: Annotated[int, Field(ge=1, le=24 * 60)] | None = None

    def tighten(self, review: ReviewSettings) -> ReviewSettings:
        """Return the settings within the limits: a refusal wins, and the smaller number."""
        return ReviewSettings(
            allow_scripted=review.allow_scripted and self.allow_scripted,
            draft_hours=min(review.draft_hours, self.draft_hours or review.draft_hours),
            approval_minutes=min(review.approval_minutes, self.approval_minutes or review.approval_minutes),
        )


class SiteLimits(_Section):
    """The file of the system: these sections and nothing else."""

    review: ReviewLimits = ReviewLimits()
    permissions: PermissionLimits = PermissionLimits()
    files: FileLimits = FileLimits()
    privacy: PrivacyLimits = PrivacyLimits()
    destinations: DestinationLimits = DestinationLimits()

    def tighten(self, configuration: "Configuration") -> "Configuration":
        """Return the configuration within the limits."""
        return configuration.model_copy(
            update={
                "review": self.review.tighten(configuration.review),
                "permissions": configuration.permissions.narrow(
                    mode=self.permissions.maximum_mode, deny=self.permissions.deny
                ),
                "files": configuration.files.narrow(closed=self.files.closed),
                "privacy": configuration.privacy.narrow(self.privacy.minimum_phi_mode),
                "destinations": self.destinations.tighten(configuration.destinations),
            }
        )


class LiteratureSettings(_Section):
    """Public literature services; nothing is asked of them unless ``enabled``.

    ``email`` and ``tool`` are what NCBI asks a caller to say of itself; the key raises its limit to 10 requests a
    second.
    """

    enabled: StrictBool = False
    ncbi_api_key: SecretStr | None = Field(default=None, exclude=True)
    email: Annotated[str, Field(pattern=r"^[^\s@]{1,64}@[^\s@]{1,190}$")] | None = None
    tool: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "openmed-agent"

    @field_validator("ncbi_api_key")
    @classmethod
    def _printable(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not _NCBI_KEY.fullmatch(key.get_secret_value()):
            raise ValueError("a key of NCBI has letters and digits only")
        return key


class Configuration(_Section):
    """All settings of one run."""

    inference: PlaneSettings = PlaneSettings()
    codes: PlaneSettings = PlaneSettings()
    store: StoreSettings = StoreSettings()
    review: ReviewSettings = ReviewSettings()
    literature: LiteratureSettings = LiteratureSettings()
    permissions: PermissionSettings = PermissionSettings()
    files: FileSettings = FileSettings()
    privacy: PrivacySettings = PrivacySettings()
    model: ModelSettings = ModelSettings()
    destinations: DestinationSettings = DestinationSettings()


def load_configuration(
    paths: Paths | None = None, environment: Mapping[str, str] = os.environ, *, site: Path = SITE_FILE
) -> Configuration:
    """Return the settings of the file and the environment, within the limits of the site's file.

    Raises:
        InputError: a file cannot be read or is not TOML, or a setting is unknown or out of range.

    """
    file = (paths or find_paths(environment)).configuration_file
    layers = _file_layer(file)
    try:
        configuration = _with_environment(Configuration.model_validate(layers), environment)
    except ValidationError as error:
        raise _setting_error(error, f"Correct it in {file} or in the environment.") from None
    try:
        limits = SiteLimits.model_validate(_file_layer(site))
    except ValidationError as error:
        raise _setting_error(error, f"Ask the administrator to correct {site}.") from None
    return limits.tighten(configuration)


def _setting_error(error: ValidationError, remedy: str) -> InputError:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return InputError(f"Setting {where}: {first['msg'].removeprefix('Value error, ')}.", remedy=remedy)


def _file_layer(file: Path) -> dict[str, object]:
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError:
        raise InputError(f"{file} cannot be read.", remedy="Check its permissions.") from None
    try:
        layer: dict[str, object] = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not valid TOML: {error}.", remedy="Correct or remove it.") from None
    except RecursionError:
        raise InputError(f"{file} is nested too deeply.", remedy="Correct or remove it.") from None
    for name, key in _KEYS:
        section = layer.get(name)
        if isinstance(section, dict) and key in section:
            raise InputError(
                f"{file} holds an API key under [{name}].",
                remedy="Remove it; 'openmed login' keeps keys, or set it in the environment.",
            )
    return layer


def _with_environment(configuration: Configuration, environment: Mapping[str, str]) -> Configuration:
    return configuration.model_copy(
        update={
            "inference": _plane_layer(
                configuration.inference, environment.get(INFERENCE_URL), environment.get(INFERENCE_KEY)
            ),
            "codes": _plane_layer(configuration.codes, environment.get(CODES_URL), environment.get(CODES_KEY)),
            "store": _store_layer(configuration.store, environment.get(STORE_KEY)),
            "literature": _literature_layer(configuration.literature, environment.get(NCBI_KEY)),
        }
    )


def _plane_layer(settings: PlaneSettings, url: str | None, api_key: str | None) -> PlaneSettings:
    return PlaneSettings(
        url=(url or "").strip() or settings.url,
        api_key=SecretStr(api_key) if api_key else None,
        timeout_seconds=settings.timeout_seconds,
        trusted_for_strict=settings.trusted_for_strict,
    )


def _store_layer(settings: StoreSettings, key: str | None) -> StoreSettings:
    return StoreSettings.model_validate({"key": key}) if key else settings


def _literature_layer(settings: LiteratureSettings, key: str | None) -> LiteratureSettings:
    if not key:
        return settings
    return LiteratureSettings(
        enabled=settings.enabled, ncbi_api_key=SecretStr(key), email=settings.email, tool=settings.tool
    )
