"""What people see: the live terminal view, and how it is fed."""
