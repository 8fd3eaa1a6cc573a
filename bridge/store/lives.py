"""How long stores keep what is over, in seconds: the same in all of them."""

from typing import Final

OVER_FOR_S: Final = 3600  # the clocks of other nodes may differ from ours
NOTICE_LIFE_S: Final = 86_400  # a relying party that is down for longer is not told
ACCESS_AT_MOST_S: Final = 86_400  # what the configuration allows an access token
CLEAN_ROWS: Final = 500  # of each table in one call: other writers wait for it
