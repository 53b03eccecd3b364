"""The database side: connection, schema migrations, batched writer, local server."""
