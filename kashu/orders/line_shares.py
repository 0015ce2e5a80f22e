"""A line's money and units, and how each step divides them without losing a unit."""

from dataclasses import dataclass, replace

from kashu.core.money import FEN


@dataclass(frozen=True, slots=True)
class Shares:
    """Units and money of one line. The units add up to its quantity, the money to its price."""

    delivered: int
    waiting: int
    refused: int
    refunded: int
    unearned_e4: int
    earned_e4: int
    refunded_e4: int

    def deliver(self, units: int) -> "Shares":
        """Give `units` that were waited for: their part of the price is earned."""
        share = _part(self.unearned_e4, units, self.waiting)
        return replace(
            self,
            delivered=self.delivered + units,
            waiting=self.waiting - units,
            unearned_e4=self.unearned_e4 - share,
            earned_e4=self.earned_e4 + share,
        )

    def refuse(self) -> "Shares":
        """Say no to all that is waited for: its part of the price goes back."""
        return replace(
            self,
            refused=self.refused + self.waiting,
            waiting=0,
            refunded_e4=self.refunded_e4 + self.unearned_e4,
            unearned_e4=0,
        )

    def forgo(self, units: int, amount_e4: int | None = None) -> "Shares":
        """Refund `units` that were waited for (none: only money), and their part of the price.

        With an amount of its own, what it leaves stays with the units still waited for; if none
        are, it is earned.
        """
        share = _part(self.unearned_e4, units, self.waiting)
        back = share if amount_e4 is None else min(amount_e4, self.unearned_e4)
        waiting, unearned_e4 = self.waiting - units, self.unearned_e4 - back
        kept_e4 = 0 if waiting else unearned_e4
        return replace(
            self,
            waiting=waiting,
            refunded=self.refunded + units,
            unearned_e4=unearned_e4 - kept_e4,
            earned_e4=self.earned_e4 + kept_e4,
            refunded_e4=self.refunded_e4 + back,
        )

    def take_back(self, units: int, amount_e4: int | None = None) -> "Shares":
        """Refund `units` that were delivered (none: only money), never more than was earned."""
        share = _part(self.earned_e4, units, self.delivered)
        back = min(share if amount_e4 is None else amount_e4, self.earned_e4)
        return replace(
            self,
            delivered=self.delivered - units,
            refunded=self.refunded + units,
            earned_e4=self.earned_e4 - back,
            refunded_e4=self.refunded_e4 + back,
        )


def new_line(quantity: int, price_e4: int) -> Shares:
    """A line of which nothing has happened yet."""
    return Shares(0, quantity, 0, 0, price_e4, 0, 0)


def _part(amount_e4: int, units: int, of: int) -> int:
    """The part of `units` among `of`, in whole fen, since that is what can be paid back.

    The last of them take what is left.
    """
    assert 0 <= units <= of or units == 0, (units, of)
    if units == 0:
        return 0
    return amount_e4 if units == of else amount_e4 * units // of // FEN * FEN
