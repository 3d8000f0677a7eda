"""Settings of Save Page Now, the service of the Internet Archive that saves pages for watches with `save_pages`."""

import ipaddress
from typing import Final, Self

from pydantic import model_validator

from scraper import urls
from scraper.config.fields import File, PositiveCount, Url, Variable
from scraper.config.sections import SettingsModel, misfit

SERVICE_URL: Final = "https://web.archive.org/save"


class SavePageNowSettings(SettingsModel):
    """Settings of Save Page Now, the service of the Internet Archive that saves pages."""

    key_env: Variable | None = None
    """The environment variable that holds the S3 keys of an account of archive.org, as ACCESS:SECRET. They are at
    https://archive.org/account/s3.php."""
    key_file: File | None = None
    """The file that holds these keys, on its first line."""
    saves_per_day: PositiveCount = 50
    """Requests to save a page in a day (UTC); further pages wait for the next day. The service allows 30,000."""
    url: Url = SERVICE_URL
    """The URL of the service; another one is for trials only."""

    @property
    def has_key(self) -> bool:
        """True if a key is named."""
        return self.key_env is not None or self.key_file is not None

    @model_validator(mode="after")
    def _keeps_its_key(self) -> Self:
        if self.key_env and self.key_file:
            raise misfit("key_file", "the keys come from key_env already; leave out one of them")
        if not self.url.startswith("https:") and not _is_local(urls.host(self.url)):
            raise misfit("url", "gets the keys, which are sent over https only: it should begin with https://")
        return self


def _is_local(host: str) -> bool:
    """Return True for a host name or IP address of this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
