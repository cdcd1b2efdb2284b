"""Who is who: address → node, both ends joined into sessions, roles. Nothing here calls a state wrong."""
