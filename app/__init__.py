"""The processes: web, worker, command line and what starts them."""
