"""The mutations that sign in and that make API keys: from GraphQL to logins and applications."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from webapp.applications.errors import ApplicationNameError, TooManyKeys
from webapp.gateway.http.admission import Admission
from webapp.gateway.login.logins import Logins
from webapp.gateway.schema.objects import Info, Resolver

Input = Mapping[str, Any]


def login_mutations(logins: Logins, admission: Admission | None) -> dict[str, Resolver]:
    """Resolvers of these mutations, by name.

    Args:
        logins: Gives login texts and takes their signatures.
        admission: Makes API keys for those who ask; None: for nobody.
    """

    def get_message(_root: None, _info: Info, *, input: Input) -> str:  # noqa: A002 (the SDL's name)
        return logins.message(logins.account(input["domain"], input["address"], input["chainID"]))

    def verify(_root: None, _info: Info, *, input: Input) -> str:  # noqa: A002 (the SDL's name)
        account = logins.account(input["domain"], input["address"], input["chainID"])
        return logins.verify(account, input["signature"], contract=input.get("isEIP1271"))

    def create_api_key(_root: None, info: Info, *, input: Input) -> str:  # noqa: A002 (the SDL's name)
        if admission is None or not admission.open_api_keys:
            raise GraphQLError(
                "This gateway gives API keys to nobody who asks here; its operator makes them.",
                extensions={"code": "API_KEYS_CLOSED"},
            )
        seconds = admission.spend_api_key(info.context.caller)
        if seconds is not None:
            raise GraphQLError(
                f"Enough API keys were made for this network address; try again in {seconds} s.",
                extensions={"code": "TOO_MANY_REQUESTS", "retryAfter": seconds},
            )
        try:
            return admission.keys.create(input["origin"], info.context.caller.bearer).text
        except ApplicationNameError as error:
            raise GraphQLError(
                f"input.origin: expected {error.expected}", extensions={"code": "BAD_ARGUMENT"}
            ) from error
        except TooManyKeys as error:
            raise GraphQLError(str(error), extensions={"code": "TOO_MANY_KEYS"}) from error

    return {"loginGetMessage": get_message, "loginVerify": verify, "createAPIKey": create_api_key}
