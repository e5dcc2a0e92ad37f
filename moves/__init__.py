"""Whatever changes a request or decides who may: `door` is the only way in."""
