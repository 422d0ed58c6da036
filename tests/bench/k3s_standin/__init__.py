"""Stand-in for the k3s binary. It runs on a throw-away host, where it is installed as the
"binary" of a release; nothing outside the host imports it."""
