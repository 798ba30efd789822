/* A program that does something new in its second version. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void report(void) {
#if VERSION > 1
	int fd = open("/etc/hostname", O_RDONLY);
	char name[64];
	if (read(fd, name, sizeof name) < 0)
		perror("read");
	close(fd);
#endif
}

int main(void) {
	int fd = open("state", O_RDWR | O_CREAT | (VERSION > 1 ? O_TRUNC : 0), 0644);
	if (write(fd, "x", 1) != 1)
		return 1;
	report();
	if (VERSION == 1)
		unlink("state");
	return 0;
}
