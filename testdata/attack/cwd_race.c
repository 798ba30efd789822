// Another thread, which shares the working directory, changes that.
#include "attack.h"

static int open_dir, secret_dir;

static void *flip(void *unused)
{
	(void)unused;
	while (!over) {
		must(fchdir(secret_dir));
		must(fchdir(open_dir));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), opened = 0;
	honest();
	open_dir = must(open("open", O_RDONLY | O_DIRECTORY));
	secret_dir = must(open("secret", O_RDONLY | O_DIRECTORY));
	must(fchdir(open_dir));
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		int fd = open("key", O_RDONLY);
		if (fd >= 0)
			opened++;
		if (is_secret(fd))
			won("open %ld", i);
		fd = open("../open/../secret/./key", O_RDONLY);
		if (is_secret(fd))
			won("open by .. %ld", i);
	}
	if (opened == 0)
		broken("nothing was opened");
	lost("0 of %ld", n);
}
