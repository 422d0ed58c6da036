class ConfigError(Exception):
    """Something a person wrote or set is wrong; the message names the place and the remedy."""
