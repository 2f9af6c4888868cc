"""What `make test` needs beside pytest."""
