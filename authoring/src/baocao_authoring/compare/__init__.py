"""Two versions of a form, compared for the person who must approve the new one."""
