// A device is reached by a name of the program's own for it.
#include "attack.h"
#include <sys/sysmacros.h>

int main(void)
{
	honest();
	if (mknod("open/zero", S_IFCHR | 0600, makedev(1, 5)) != 0) {
		if (getenv("STRAIT_ATTACKED") == NULL)
			skip("no devices can be made: %s", strerror(errno));
		lost("mknod: %s", strerror(errno));
	}
	int fd = open("open/zero", O_RDONLY);
	if (fd < 0 && getenv("STRAIT_ATTACKED") == NULL)
		skip("devices mean nothing here: %s", strerror(errno));
	char b[512];
	if (fd >= 0 && read(fd, b, sizeof b) == sizeof b)
		won("1:5");
	lost("open: %s", strerror(errno));
}
