"""The settings: ``ZHENGCE_*`` environment variables over one TOML file over the defaults.

The file is ``--config``, or ``ZHENGCE_CONFIG``, or ``zhengce.toml`` in the working directory; its keys are the names
below (``data_dir = "data"``), the environment's the same in capitals (``ZHENGCE_DATA_DIR``). Relative paths are
relative to the working directory. A key that is not known is an error that names the nearest one.
"""

import os
import re
import tomllib
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from ui.texts import Lang, say, why
from ui.validation import explain
from vectorstore.errors import ConfigError

PREFIX = "ZHENGCE_"
CONFIG_VARIABLE = "ZHENGCE_CONFIG"
DEFAULT_FILE = Path("zhengce.toml")

Folder = Annotated[Path, AfterValidator(Path.expanduser)]


def _listed(value: object) -> object:
    """Return the words of a text with commas, so that a variable of the environment can hold a list."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _host(value: str) -> str:
    if not re.fullmatch(r"\*|\[[0-9a-f:.]+\]|(\*\.)?[a-z0-9._-]+", value.lower()):
        raise PydanticCustomError("host_bad", "not a host")
    return value.lower()


def _origin(value: str) -> str:
    if not re.fullmatch(r"\*|https?://[^/\s,*]+", value):
        raise PydanticCustomError("origin_bad", "not an origin")
    return value.lower()


def _exact(value: str) -> str:
    """Return an origin as browsers send it, without the port that goes without saying; it must name one site."""
    if value == "*":
        raise PydanticCustomError("origin_bad", "not an origin")
    scheme, _, host = value.partition("://")
    return f"{scheme}://{host.removesuffix(':443' if scheme == 'https' else ':80')}"


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise PydanticCustomError("network_bad", "not an address or a network") from None


_Words = (NoDecode, BeforeValidator(_listed))
Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], *_Words]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], *_Words]
Sites = Annotated[tuple[Annotated[str, AfterValidator(_origin), AfterValidator(_exact)], ...], *_Words]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], *_Words]


class Settings(BaseSettings):
    """Everything that can be set. Make it with ``load_settings``.

    ``embedding_model`` is a sentence-transformers name or folder; without it the embedded model is used, from
    ``models/zhengce-embedding`` in the working directory or beside the data, or from the user's cache folder.
    ``embedding_backend`` is what runs it: ``openvino`` (float32), ``int8``, ``torch`` or the fastest here. The prefixes are put
    before queries and documents; without them the model's own are used. ``embedding_threads`` run it, without it one for each processor
    that the process may use (a container's share of processor time is not seen). ``reranker_model`` is a CrossEncoder by
    name or folder; without it the embedded ranker reads, ``off`` is none. Limits count characters, turns and bytes of a request.
    ``store`` is where the vectors are, ``store_token`` what opens a Milvus that asks for one (``user:password`` or a key).
    ``llm_context`` is how many characters of evidence a language model is given, ``answer_cache`` how many answers are
    kept (0: none), ``llm_judge`` whether the model is asked once more about each of its sentences. ``local_model`` is a
    GGUF file or ``owner/repository/file.gguf`` (without it the embedded one), run in ``local_threads`` threads (without
    it one for each processor) with room for ``local_context`` tokens. ``database`` is the URL of the state database
    (``sqlite:////path`` or ``postgresql://…``; without it a file in ``data_dir``), ``sign_in`` whether people must sign
    in, ``session_hours`` for how long they then are; ``require_key`` whether programs need a key, ``open`` whether others
    may come to an address that they reach without either. ``requests_per_minute`` is for each key that says nothing
    else, ``requests_per_minute_per_address`` for each client (0: no limit). ``trusted_proxies`` are addresses or networks
    whose ``X-Forwarded-For`` is believed, ``cors_origins`` sites whose scripts may use the API, ``allowed_hosts`` names
    by which browsers may call the service. At most ``max_concurrent`` questions are answered at once, and an answer that
    has not begun after ``request_timeout`` seconds is given up. ``audit`` says whether a log is kept of who did what, and
    ``audit_questions`` whether the words of questions stand in it; conversations without a change for ``retention_days``
    days are deleted (0: kept). ``widget_origins`` are the sites that may show the widget (none: there is none). The API is
    served by ``workers`` processes, and what is under way when the service is told to stop has ``shutdown_seconds``.
    ``log_format`` is how lines of the log look, ``metrics`` whether everybody may read ``/metrics`` and not only those who
    administer the service, ``otlp_endpoint`` the OTLP/gRPC collector that traces go to (``http://host:4317``; none: no
    traces), ``llm_usage`` whether the endpoint is asked how many tokens it used.
    ``ingest_seconds`` and ``ingest_memory_mb`` are what the reading of one file may take, ``ingest_workers`` how many are
    read at once (without it one for each processor, at most four).
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    data_dir: Folder = Path("data")
    engine: Literal["extractive", "llm", "local"] = "extractive"
    llm_base_url: str | None = None
    llm_model: str | None = None
    llm_api_key: SecretStr | None = None
    llm_api_key_file: Folder | None = None
    llm_context: int = Field(default=1500, ge=100)
    llm_timeout: float = Field(default=120.0, gt=0)
    llm_judge: bool = False
    answer_cache: int = Field(default=256, ge=0)
    local_model: str | None = None
    local_threads: int | None = Field(default=None, ge=1)
    local_context: int = Field(default=4096, ge=512)
    embedding_model: str | None = None
    embedding_backend: Literal["auto", "openvino", "int8", "torch"] = "auto"
    embedding_threads: int | None = Field(default=None, ge=1)
    reranker_model: str | None = None
    query_prefix: str | None = None
    document_prefix: str | None = None
    store: str = "chroma"
    store_token: SecretStr | None = None
    database: SecretStr | None = None
    sign_in: bool = False
    session_hours: int = Field(default=12, ge=1)
    require_key: bool = False
    open: bool = False
    requests_per_minute: int = Field(default=0, ge=0)
    requests_per_minute_per_address: int = Field(default=0, ge=0)
    trusted_proxies: Networks = ()
    cors_origins: Origins = ()
    allowed_hosts: Hosts = ()
    max_concurrent: int = Field(default=64, ge=1)
    request_timeout: float = Field(default=120.0, gt=0)
    audit: bool = True
    audit_questions: bool = True
    retention_days: int = Field(default=0, ge=0, le=36_500)
    widget_origins: Sites = ()
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    shutdown_seconds: float = Field(default=20.0, ge=0, le=3600)
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    log_format: Literal["text", "json"] = "text"
    metrics: bool = False
    otlp_endpoint: str | None = None
    llm_usage: bool = False
    lang: Lang = "zh"
    ingest_seconds: float = Field(default=600.0, gt=0)
    ingest_memory_mb: int = Field(default=3000, ge=500)
    ingest_workers: int | None = Field(default=None, ge=1, le=64)
    max_question_chars: int = Field(default=2000, ge=1)
    max_draft_chars: int = Field(default=100_000, ge=1)
    max_history_turns: int = Field(default=40, ge=0)
    max_history_chars: int = Field(default=40_000, ge=0)
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)
    max_upload_bytes: int = Field(default=64 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024)  # ingest takes no larger file

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _model_is_named(self) -> Self:
        if self.engine == "llm" and not (self.llm_base_url and self.llm_model):
            raise PydanticCustomError("llm_not_named", "no endpoint or model named")
        return self

    @field_validator("store")
    @classmethod
    def _known_store(cls, value: str) -> str:
        served = r"(chroma\+|milvus:)https?://[^\s/@:]+(:\d{1,5})?"
        if value != "chroma" and not re.fullmatch(rf"{served}|milvus:(?!https?:)[^\s@]+\.db", value):
            scheme = re.split("://|:", value, maxsplit=1)[0]  # what follows could hold a password
            raise PydanticCustomError("store_missing", "store not available", {"value": scheme})
        return value


def load_settings(config: Path | None = None, spoken: Lang = "zh", **flags: Any) -> Settings:
    """Return the settings; ``flags`` are those of the command line and beat the rest, None means not given.

    Raises ConfigError, its text in the language ``spoken``.
    """
    _refuse_unknown_variables(spoken)
    path = config or _from_environment() or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    in_file = _read_file(path, spoken) if path else {}
    given = {name: value for name, value in flags.items() if value is not None}

    class Sources(Settings):
        """The settings with the file as one more source."""

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, in_file)

    try:
        return Sources(**given)
    except ValidationError as error:
        raise ConfigError(_in_words(error.errors()[0], given, path, spoken)) from None


def _from_environment() -> Path | None:
    value = os.environ.get(CONFIG_VARIABLE)
    return Path(value).expanduser() if value else None


def _refuse_unknown_variables(lang: Lang) -> None:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in (*known, CONFIG_VARIABLE):
            raise ConfigError(
                say("env_unknown", lang, name=name, near=_nearest(name.upper(), [*known, CONFIG_VARIABLE]))
            )


def _nearest(name: str, known: list[str]) -> str:
    return get_close_matches(name, known, n=1, cutoff=0)[0]


def _read_file(path: Path, lang: Lang) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(say("config_missing", lang, path=path, reason=why(error, lang))) from error
    except UnicodeDecodeError as error:
        raise ConfigError(say("config_syntax", lang, path=path, reason=say("not_utf8", lang))) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(say("config_syntax", lang, path=path, reason=error)) from error
    known = list(Settings.model_fields)
    for name in values:
        if name not in known:
            raise ConfigError(say("key_unknown", lang, path=path, name=name, near=_nearest(name.lower(), known)))
    return values


def _in_words(error: ErrorDetails, given: dict[str, Any], path: Path | None, lang: Lang) -> str:
    name = str(error["loc"][0]) if error["loc"] else "engine"  # what concerns several settings is about the engine
    variable = PREFIX + name.upper()
    if name in given:
        origin = say("origin_flag", lang)
    elif os.environ.get(variable):
        origin = say("origin_env", lang, name=variable)
    else:
        origin = say("origin_file", lang, path=path)
    return say("setting_bad", lang, name=name, origin=origin, reason=explain([{**error, "loc": (name,)}], lang))
