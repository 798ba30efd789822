// A thread makes a symbolic link lead to the secret, between the decision and the
// kernel's following it.
#include "attack.h"

static void *flip(void *unused)
{
	(void)unused;
	while (!over)
		syscall(SYS_renameat2, AT_FDCWD, "good", AT_FDCWD, "bad", 2 /* RENAME_EXCHANGE */);
	return NULL;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), opened = 0;
	honest();
	must(symlink("open/file", "good"));
	must(symlink("secret/key", "bad"));
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		int fd = open("good", O_RDONLY);
		if (fd >= 0)
			opened++;
		if (is_secret(fd))
			won("open %ld", i);
	}
	if (opened == 0)
		broken("nothing was opened");
	lost("0 of %ld", n);
}
