class CustomCertificateAuthority:
    """Named in confidant.services.certificatemanager."""
