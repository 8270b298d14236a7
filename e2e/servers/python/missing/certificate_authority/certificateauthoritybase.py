class CertificateAuthorityNotFoundError(Exception):
    """Named in confidant.routes.certificates."""


class CertificateNotReadyError(Exception):
    """Named in confidant.routes.certificates."""
