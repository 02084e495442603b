"""Who calls: access tokens, the service account's JWT grant with a made-up key, and a person's refresh token."""

import base64
import binascii
import json
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from emulator.errors import ApiError
from emulator.state import Json

AUDIENCE = "https://oauth2.googleapis.com/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KEY_ID = "made-up-key"
LIFETIME = 3600
DRIVE_FILE = "https://www.googleapis.com/auth/drive.file"

UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


@dataclass(frozen=True)
class Token:
    """An access token's holder. `scopes` None: every scope (a token that a test gave out). `expires`: epoch seconds."""

    email: str
    scopes: frozenset[str] | None
    expires: float


class RefusedGrantError(Exception):
    """The token endpoint's refusal: OAuth error code and description, status 400 or 401."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": code, "error_description": description}


@cache
def _key() -> rsa.RSAPrivateKey:
    """The one made-up key of this process; it opens nothing anywhere."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Accounts:
    """Tokens and keys that this emulator gave out."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._refresh: dict[str, Token] = {}
        self._codes: dict[str, Token] = {}
        self._service: set[str] = set()
        self._number = 0

    def _fresh(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-{self._number}-of-the-emulator"

    def token(self, email: str, scopes: frozenset[str] | None = None, lifetime: float = LIFETIME) -> str:
        """An access token for the account."""
        token = self._fresh("token")
        self._tokens[token] = Token(email, scopes, time.time() + lifetime)
        return token

    def refresh_token(self, email: str, scopes: frozenset[str] | None = None) -> str:
        """What a person's saved login holds; `/token` changes it for an access token."""
        token = self._fresh("refresh")
        self._refresh[token] = Token(email, scopes, float("inf"))
        return token

    def code(self, email: str, scopes: frozenset[str] | None) -> str:
        """The code that the consent page sends to the desktop program; good once."""
        code = self._fresh("code")
        self._codes[code] = Token(email, scopes, float("inf"))
        return code

    def revoke(self, email: str) -> None:
        """Takes every token and key from the account: the next call is answered with 401, the next grant refused."""
        for held in (self._tokens, self._refresh, self._codes):
            for text in [text for text, token in held.items() if token.email == email]:
                del held[text]
        self._service.discard(email)

    def key_file(self, folder: Path, email: str, token_uri: str) -> Path:
        """A service account's JSON key file, as Google's console hands it out."""
        self._service.add(email)
        secret = _key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        content = {
            "type": "service_account",
            "project_id": "made-up-project",
            "private_key_id": KEY_ID,
            "private_key": secret.decode(),
            "client_email": email,
            "client_id": "100000000000000000001",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }
        path = folder / f"{email.split('@', maxsplit=1)[0]}.json"
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
        path.chmod(0o600)
        return path

    def who(self, authorization: str) -> Token:
        """The holder of a request's bearer token. Raises ApiError 401."""
        kind, _, text = authorization.partition(" ")
        token = self._tokens.get(text) if kind.lower() == "bearer" else None
        if token is None or token.expires < time.time():
            raise ApiError(401, "UNAUTHENTICATED", UNAUTHENTICATED)
        return token

    def grant(self, form: dict[str, str], token_uri: str) -> Json:
        """The token endpoint's answer to a form. Raises RefusedGrantError."""
        kind = form.get("grant_type", "")
        if kind == JWT_GRANT:
            return self._answer(self._assertion(form.get("assertion", ""), token_uri))
        held, name = (self._refresh, "refresh_token") if kind == "refresh_token" else (self._codes, "code")
        if kind not in ("refresh_token", "authorization_code"):
            raise RefusedGrantError("unsupported_grant_type", f"Invalid grant_type: {kind}")
        holder = held.get(form.get(name, ""))
        if holder is None:
            raise RefusedGrantError(
                "invalid_grant", "Token has been expired or revoked." if held is self._refresh else "Bad Request"
            )
        answer = self._answer(holder)
        if kind == "authorization_code":
            del self._codes[form["code"]]
            answer["refresh_token"] = self.refresh_token(holder.email, holder.scopes)
        return answer

    def _answer(self, holder: Token) -> Json:
        answer: Json = {"access_token": self.token(holder.email, holder.scopes), "expires_in": LIFETIME - 1}
        answer["token_type"] = "Bearer"  # noqa: S105 - a kind of token, not one
        if holder.scopes is not None:
            answer["scope"] = " ".join(sorted(holder.scopes))
        return answer

    def _assertion(self, assertion: str, token_uri: str) -> Token:
        """The account that signed the JWT, as google-auth sends it. Raises RefusedGrantError where Google does."""
        parts = assertion.split(".")
        if len(parts) != 3:
            raise RefusedGrantError("invalid_grant", "Bad JWT.")
        header, claims, signature = _decoded(parts[0]), _decoded(parts[1]), _bytes(parts[2])
        if header.get("alg") != "RS256" or header.get("kid") != KEY_ID:
            raise RefusedGrantError("invalid_grant", "Invalid JWT: the key is not known.")
        try:
            _key().public_key().verify(
                signature, f"{parts[0]}.{parts[1]}".encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature as error:
            raise RefusedGrantError("invalid_grant", "Invalid JWT Signature.") from error
        email = claims.get("iss", "")
        if email not in self._service:
            raise RefusedGrantError("invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") not in (AUDIENCE, token_uri):
            raise RefusedGrantError("invalid_grant", "Invalid JWT: Failed audience check.")
        now = time.time()
        issued, expires = claims.get("iat", 0), claims.get("exp", 0)
        if not (issued - 300 <= now <= expires and 0 < expires - issued <= LIFETIME):
            raise RefusedGrantError(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                "Check your iat and exp values in the JWT claim.",
            )
        if not claims.get("scope"):
            raise RefusedGrantError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return Token(claims.get("sub", email), frozenset(claims["scope"].split()), float("inf"))


def _bytes(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError) as error:
        raise RefusedGrantError("invalid_grant", "Bad JWT.") from error


def _decoded(part: str) -> dict[str, Any]:
    try:
        loaded = json.loads(_bytes(part))
    except ValueError as error:
        raise RefusedGrantError("invalid_grant", "Bad JWT.") from error
    return loaded if isinstance(loaded, dict) else {}


def is_service_account(email: str) -> bool:
    """Service accounts have no Drive of their own: they can own no file."""
    return email.endswith(".iam.gserviceaccount.com")
