"""How long the corridor waits for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a delivery waits, in seconds.

    `settle`: for the receipt of a send whose outcome is unknown, before it is repeated (a sent message
    makes its first receipt within seconds: CONTRACTS A7). `settle_helpdesk`: before a write to the helpdesk
    whose outcome is unknown is looked for there; `abandoned`: before one that a dead worker had begun is, as
    it may have been a slow one and land that late. `give_up`: after this age an undelivered message to a
    customer has failed (the channel's window is 24 hours: CONTRACTS A11). `hold`: between two probes of an
    exit that an operator has to mend. `look`: between two looks whether a receipt has settled a send.
    `held`: how long a reply waits for the customer to open the channel's window.
    """

    settle: float = 60.0
    settle_helpdesk: float = 15.0
    abandoned: float = 45.0
    give_up: float = 24 * 3600.0
    hold: float = 60.0
    look: float = 2.0
    held: float = 7 * 86_400.0


NORMAL = Patience()
