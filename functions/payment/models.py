"""What goes in and out of the API; the OpenAPI document is made from it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from .currencies import CURRENCIES

# Less than a card number has digits; in the smallest unit of any currency, more than is ever paid.
MOST = 999_999_999_999


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("not a currency of ISO 4217")
    return code


def _whole(value: object) -> object:
    """Let 10.0 be 10, as JSON Schema does; what is strict about the rest follows."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Amount = Annotated[
    int,
    Field(strict=True, ge=1, le=MOST, description="In minor units of the currency."),
    BeforeValidator(_whole),  # last, or the bounds above stay out of the document
]
Currency = Annotated[
    str,
    AfterValidator(_currency),
    Field(description="ISO 4217.", json_schema_extra={"enum": sorted(CURRENCIES)}),
]
Merchant = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewPayment(_Closed):
    """A payment to be made."""

    merchant: Merchant
    amount: Amount
    currency: Currency
    payment_token: Annotated[
        str,
        Field(
            pattern=r"^tok_[A-Za-z0-9_-]{8,120}$",
            description="From the token service. Card numbers are refused.",
        ),
    ]
    reference: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/#-]{0,139}$",
            description="The merchant's own, such as an order number. No personal data.",
        ),
    ] = None


class NewRefund(_Closed):
    """Money to be given back of a payment."""

    amount: Amount


class Payment(BaseModel):
    """A payment that was accepted."""

    id: UUID
    merchant: str
    amount: int
    currency: str
    status: Literal["accepted", "partially_refunded", "refunded"]
    refunded: int = Field(description="What was given back, in minor units.")
    reference: str | None
    created_at: datetime


class Payments(BaseModel):
    """One page of a merchant's payments, newest first."""

    items: list[Payment]
    next: UUID | None = Field(description="What to ask for as `after`; null on the last page.")


class Refund(BaseModel):
    """Money that was given back."""

    id: UUID
    payment_id: UUID
    amount: int
    currency: str
    created_at: datetime


class Health(BaseModel):
    """That the process lives; it says nothing of its databases."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether writes would be taken now, and what speaks against it."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str] = Field(description="Each `ok`, or what is wrong.")
    writer: Literal["aurora", "onprem", "fenced", "unknown"] = Field(
        description="Who takes writes; while it is `fenced` they wait, as in a cutover, and while "
        "it is `unknown` they are refused."
    )


class Mistake(BaseModel):
    """One thing wrong with a request."""

    place: str
    detail: str


class ProblemDocument(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Mistake] | None = None
