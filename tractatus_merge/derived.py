"""placeholder: replaced by the helper's."""


def write_for(folder: str, transcript: str) -> None:
    """Nothing yet."""
    del folder, transcript
