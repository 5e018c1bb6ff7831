"""The gateway: one plain function from request to response, and its own error boundary."""

import functools
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    build_ast_schema,
    execute_sync,
    parse,
)

from webapp.chain.contract_wallets import ContractWallets
from webapp.chain.errors import RpcError, RpcOverShare
from webapp.gateway.batches import Busy
from webapp.gateway.callers import Caller
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.admission import Admission
from webapp.gateway.http.graphql_over_http import (
    GRAPHQL_RESPONSE,
    GatewayRequest,
    GatewayResponse,
    Question,
    Refusal,
    preflight,
    read_question,
    refuse,
    reply,
    wanted_media_type,
)
from webapp.gateway.log import facts
from webapp.gateway.log.operation_log import Decided, Log, Observer, OperationLog
from webapp.gateway.log.writer import GATHERS_ON_POSTGRESQL_S, WriterClient
from webapp.gateway.login.access_tokens import AccessTokens
from webapp.gateway.login.logins import Logins
from webapp.gateway.reads.reader import Reader
from webapp.gateway.reads.reading import Reading
from webapp.gateway.schema.documents import Document, DocumentError, Documents
from webapp.gateway.schema.error_texts import error_text
from webapp.gateway.schema.login_mutations import login_mutations
from webapp.gateway.schema.plans import MutationPlan, QueryPlan, Run
from webapp.gateway.schema.resolvers import install_resolvers
from webapp.gateway.schema.scalars import install_scalars
from webapp.gateway.signing_keys import SigningKeys
from webapp.network.clients import current_client, on_behalf_of
from webapp.protocol.clock import Clock
from webapp.protocol.submissions import SIGNED
from webapp.storage.database import Database, Snapshot
from webapp.storage.errors import DatabaseFailure, DatabaseUnavailable, OutcomeUnknown
from webapp.storage.urls import is_postgresql

__all__ = ["Gateway", "GatewayRequest", "GatewayResponse", "create_gateway", "schema_text"]

RETRY_AFTER_SECONDS = 2
LIGHT = 100
"""What a query weighs at most that is answered behind others, and before them: well below a millisecond."""

_logger = logging.getLogger(__name__)


def schema_text() -> str:
    """The SDL, as the package carries it."""
    return files("webapp.gateway.schema").joinpath("schema.graphql").read_text(encoding="utf-8")


@functools.cache
def _sdl() -> DocumentNode:
    return parse(schema_text(), no_location=True)


def create_gateway(
    database: Database,
    config: GatewayConfig,
    clock: Clock,
    *,
    contract_wallets: ContractWallets | None = None,
    admission: Admission | None = None,
    decided: Callable[[str, str], None] = lambda _operation, _status: None,
    observer: Observer | None = None,
    writer: str | None = None,
) -> "Gateway":
    """Put a gateway together.

    Args:
        database: Migrated to the newest revision.
        config: The operator's choices.
        clock: Milliseconds since the Unix epoch.
        contract_wallets: The chains whose contract wallets may authorise keys; None: no contract may.
        admission: Who may ask, and how often; None: anybody, and nobody is counted.
        decided: Told the name of every mutation that was decided, and its status.
        observer: Told what waits to be written, and of every commit.
        writer: Where a process listens that writes; None: this one does.
    """
    log: Log
    if writer is None:
        log = OperationLog(database, config.policy, config.key_lifetime_ms, clock, observer=observer)
    else:
        gathers_s = GATHERS_ON_POSTGRESQL_S if is_postgresql(database.url) else 0.0
        log = WriterClient(writer, observer=observer, gathers_s=gathers_s)

    def next_ts(address: object, handle: object) -> int:
        with database.snapshot() as snapshot:
            return facts.next_ts(snapshot.driver, address, handle, config.policy, clock())

    tokens = AccessTokens(config.login.token_secret, config.login.token_lifetime_ms, clock)
    schema = build_ast_schema(_sdl(), assume_valid=True)  # our own text, held valid by its tests
    install_scalars(schema)
    install_resolvers(
        schema,
        log,
        SigningKeys(database, log, config.policy, clock, contract_wallets),
        login_mutations(Logins(database, config.login, tokens, clock, contract_wallets), admission),
        decided=decided,
        next_ts=next_ts,
    )
    documents = Documents(schema, config)
    return Gateway(database, config, documents, tokens, admission, log=log, decided=decided)


class Gateway:
    """Answers HTTP requests, whatever they hold; raises nothing. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        config: GatewayConfig,
        documents: Documents,
        tokens: AccessTokens,
        admission: Admission | None,
        *,
        log: Log,
        decided: Callable[[str, str], None],
    ) -> None:
        self.log = log
        self._told = decided
        self.reader = Reader(database)
        self._database = database
        self._config = config
        self._documents = documents
        self._tokens = tokens
        self._admission = admission

    @property
    def max_body(self) -> int:
        """The largest request body that is read, in bytes."""
        return self._config.max_body

    def close(self) -> None:
        """Answer what waits to be written or read, and take no more."""
        self.log.close()
        self.reader.close()

    def handle(self, request: GatewayRequest) -> GatewayResponse:
        """Answer one request, at any path."""
        begun = self.begin(request)
        return begun if isinstance(begun, GatewayResponse) else self.finish(begun)

    def admits_at_once(self, request: GatewayRequest) -> bool:
        """Whether `begin` asks nobody about this request: no database, and no Redis."""
        if "x-api-key" in request.headers:
            return False
        return self._admission is None or self._admission.counts_alone

    def begin(self, request: GatewayRequest) -> "Begun | GatewayResponse":
        """Let a request in and read it; what is refused or malformed is answered here."""
        media_type = wanted_media_type(request.headers.get("accept", ""))
        if request.method == "OPTIONS":
            return preflight()
        try:
            caller = self._caller(request)
            return Begun(request, read_question(request, self._config.max_body), caller, media_type)
        except Exception as error:  # noqa: BLE001 (the edge of the process)
            return _failed(error, media_type)

    def pending(self, begun: "Begun") -> "Pending | None":
        """Make of a request what may be answered while nobody holds a thread; None: `finish` it.

        The writer decides what is signed; a reader of its own answers what is light.
        """
        question = begun.question
        document = self._documents.known(question.text)
        if document is None or document.heaviest > self._config.max_weight:
            return None
        plan = document.plan_for(question.operation_name)
        if isinstance(plan, QueryPlan) and document.heaviest <= LIGHT:
            return Pending(
                begun, partial(self.reader.submit, partial(self._executed, begun, document)), _given
            )
        if not isinstance(plan, MutationPlan) or plan.field not in SIGNED:
            return None
        arguments = plan.arguments(question.variables)
        if arguments is None:
            return None
        begin = partial(self.log.take, plan.field, arguments["input"])
        return Pending(begun, begin, partial(self._decided, begun, plan))

    def answered(self, pending: "Pending", outcome: object) -> GatewayResponse:
        """Answer with what the writer or the reader says, or the exception in its place."""
        try:
            return pending.respond(outcome)
        except Exception as error:  # noqa: BLE001 (the edge of the process)
            return _failed(error, pending.begun.media_type)

    def _decided(self, begun: "Begun", plan: MutationPlan, outcome: Decided | Exception) -> GatewayResponse:
        if isinstance(outcome, DatabaseFailure):
            raise outcome
        if isinstance(outcome, Exception):
            return _respond(plan.failed(outcome), begun.media_type)
        self._told(plan.field, outcome.status)
        with self._database.snapshot() as snapshot:
            result = plan.respond(outcome, Run(Reading(snapshot, self._config, begun.caller)))
        return _respond(result, begun.media_type, outcome.retry_after)

    def finish(self, begun: "Begun") -> GatewayResponse:
        """Answer a request that was let in; once."""
        try:
            with self._database.snapshot() as snapshot:
                return self._answer(begun, snapshot)
        except Exception as error:  # noqa: BLE001 (the edge of the process)
            return _failed(error, begun.media_type)

    def _caller(self, request: GatewayRequest) -> Caller:
        if self._admission is None or request.in_process:
            caller = Caller(request.client)
        else:
            caller = self._admission.admit(request)
        authorization = request.headers.get("authorization")
        return caller if authorization is None else replace(caller, bearer=self._tokens.bearer(authorization))

    def _answer(self, begun: "Begun", snapshot: Snapshot) -> GatewayResponse:
        question, media_type = begun.question, begun.media_type
        try:
            document = self._documents.get(question.text)
            document.check_weight(question.operation_name, question.variables, self._config.max_weight)
        except DocumentError as error:
            # Of the two media types only the newer one tells by the status that a document was not executed.
            status = 400 if media_type == GRAPHQL_RESPONSE or error.code == "LIMIT_EXCEEDED" else 200
            return reply(
                status, {"errors": [_shown(fault, error.code) for fault in error.errors]}, media_type
            )
        if (
            begun.request.method == "GET"
            and document.operation(question.operation_name) is OperationType.MUTATION
        ):
            raise Refusal(
                405, "METHOD_NOT_ALLOWED", "expected POST for a mutation", ("allow", "POST, OPTIONS")
            )
        return self._executed(begun, document, snapshot)

    def _executed(self, begun: "Begun", document: Document, snapshot: Snapshot) -> GatewayResponse:
        """Answer what may be answered."""
        # The site of this process has said on whose behalf it asks.
        client = current_client() if begun.request.in_process else begun.caller.counted_under
        with on_behalf_of(client):
            reading = Reading(snapshot, self._config, begun.caller)
            result = self._planned(document, begun.question, reading)
            if result is None:
                reading = Reading(snapshot, self._config, begun.caller)
                result = self._execute(document, begun.question, reading)
            return _respond(result, begun.media_type, reading.retry_after)

    def _planned(self, document: Document, question: Question, reading: Reading) -> ExecutionResult | None:
        plan = document.plan_for(question.operation_name)
        return None if plan is None else plan.execute(reading, question.variables)

    def _execute(self, document: Document, question: Question, reading: Reading) -> ExecutionResult:
        return execute_sync(
            self._documents.schema,
            document.node,
            context_value=reading,
            variable_values=question.variables,
            operation_name=question.operation_name,
            hide_suggestions=not self._config.introspection,
        )


@dataclass(frozen=True, slots=True)
class Begun:
    """A request that was let in and read, who asks, and the media type of the answer."""

    request: GatewayRequest
    question: Question
    caller: Caller
    media_type: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that was let in and read, and that others answer: whoever waits for them holds no thread."""

    begun: Begun
    begin: Callable[[Callable[[Any], None]], None]  # hands it to them; raises Busy where they take nothing
    respond: Callable[[Any], GatewayResponse]  # makes the answer of what they tell


def _given(outcome: object) -> GatewayResponse:
    """Give an answer that somebody else made, or raise what they raised."""
    if isinstance(outcome, Exception):
        raise outcome
    assert isinstance(outcome, GatewayResponse)  # noqa: S101 (what `_answer` gives)
    return outcome


def _failed(error: Exception, media_type: str) -> GatewayResponse:
    """Answer what was raised: in JSON, with an id where the fault is ours, and never with a traceback."""
    if isinstance(error, Refusal):
        return refuse(error, media_type)
    if isinstance(error, RpcOverShare):
        return refuse(_over_share(error), media_type)
    if isinstance(error, Busy):
        text = "More is asked of the gateway than it can write; nothing was changed. Try again soon."
        return _not_now(text, media_type, code="UNAVAILABLE", logged=error.reason)
    if isinstance(error, OutcomeUnknown):
        return _outcome_unknown(error.reason, media_type)
    if isinstance(error, DatabaseUnavailable):
        return _unavailable("its data", error.reason, media_type)
    if isinstance(error, RpcError):
        return _unavailable("a chain", f"{type(error).__name__}: {error}", media_type)
    return reply(500, {"errors": [_masked(cause=error)]}, media_type)


def _respond(result: ExecutionResult, media_type: str, retry_after: int | None = None) -> GatewayResponse:
    errors = result.errors or []
    for error in errors:
        if isinstance(error.original_error, DatabaseFailure | RpcError):
            raise error.original_error
    content: dict[str, Any] = {}
    if errors:
        content["errors"] = [_formatted(error) for error in errors]
    # An error without a path was found before execution began: then there is no data, not even null.
    if result.data is None and all(error.path is None for error in errors):
        return reply(400 if media_type == GRAPHQL_RESPONSE else 200, content, media_type)
    content["data"] = result.data
    if retry_after is not None:
        content["extensions"] = {"retryAfter": retry_after}
    waits = [(error.extensions or {}).get("retryAfter") for error in errors]
    headers = [("retry-after", str(seconds)) for seconds in waits if seconds is not None]
    return reply(200, content, media_type, *headers[:1])


def _formatted(error: GraphQLError) -> dict[str, Any]:
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return _shown(error, "BAD_REQUEST")
    return _masked(error)


def _shown(error: GraphQLError, code: str) -> dict[str, Any]:
    """Write an error that is the client's own affair, with a code for programs."""
    formatted: dict[str, Any] = {**error.formatted, "message": error_text(error.message)}
    formatted["extensions"] = {"code": code, **(error.extensions or {})}
    return formatted


def _masked(error: GraphQLError | None = None, cause: Exception | None = None) -> dict[str, Any]:
    """Log an exception under a new id, and write an error that tells the client only this id."""
    incident = secrets.token_hex(8)
    _logger.error("internal error %s", incident, exc_info=error.original_error if error else cause)
    masked: dict[str, Any] = {
        "message": f"Internal error {incident}; the gateway's log says more under this id.",
        "extensions": {"code": "INTERNAL", "id": incident},
    }
    if error is not None and error.path is not None:
        masked["path"] = error.path
    return masked


def _over_share(error: RpcOverShare) -> Refusal:
    told = f"expected fewer questions about contract wallets; try again in {error.retry_after_s} s"
    return Refusal(429, "TOO_MANY_REQUESTS", told, ("retry-after", str(error.retry_after_s)))


def _unavailable(what: str, why: str, media_type: str) -> GatewayResponse:
    text = f"The gateway cannot reach {what} for the moment; nothing was changed. Try again soon."
    return _not_now(text, media_type, code="UNAVAILABLE", logged=f"{what} cannot be asked: {why}")


def _outcome_unknown(why: str, media_type: str) -> GatewayResponse:
    text = (
        "The gateway cannot tell whether this was kept: its disk failed while it was written. "
        "Send the same message again; nothing is done twice."
    )
    return _not_now(text, media_type, code="OUTCOME_UNKNOWN", logged=f"a commit failed: {why}")


def _not_now(text: str, media_type: str, *, code: str, logged: str) -> GatewayResponse:
    incident = secrets.token_hex(8)
    _logger.warning("%s, %s", logged, incident)
    masked = {"message": text, "extensions": {"code": code, "id": incident}}
    return reply(503, {"errors": [masked]}, media_type, ("retry-after", str(RETRY_AFTER_SECONDS)))
