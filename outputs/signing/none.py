"""Papers that carry a QR code and nothing more."""

from outputs.signing.way import Credentials, Order, Signed, Way


class Unsigned(Way):
    """Everybody can check a paper by its code; it holds no electronic signature and says none."""

    name = "none"

    def sign(self, order: Order, by: Credentials | None = None) -> Signed:
        return Signed(order.content)
