// A thread changes the root that absolute paths start from.
#include "attack.h"

static int above;

static void *flip(void *unused)
{
	(void)unused;
	while (!over) {
		must(fchdir(above));
		must(chroot("secret"));
		must(fchdir(above));
		must(chroot("open"));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), opened = 0;
	honest();
	if (geteuid() != 0 && in_namespace(0) != 0)
		skip("no user namespaces: %s", strerror(errno));
	above = must(open(".", O_RDONLY | O_DIRECTORY));
	must(chroot("open"));
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		int fd = open("/key", O_RDONLY);
		opened += fd >= 0;
		if (is_secret(fd))
			won("open %ld", i);
	}
	if (opened == 0)
		broken("nothing was opened");
	lost("0 of %ld", n);
}
