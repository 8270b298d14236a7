class ACMPrivateCertificateAuthority:
    """Named in confidant.services.certificatemanager."""
