"""Reports as pages, charts and files. Which reports there are is decided by school.reports."""
