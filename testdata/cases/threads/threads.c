/* Four threads, each with a file of its own. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *work(void *arg) {
	char name[16];
	snprintf(name, sizeof name, "out%ld", (long)arg);
	int fd = open(name, O_WRONLY | O_CREAT, 0644);
	for (int i = 0; i < 3; i++)
		if (write(fd, name, 4) != 4)
			return arg;
	close(fd);
	return 0;
}

int main(void) {
	pthread_t t[4];
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], 0, work, (void *)(i + 1));
	int bad = 0;
	for (int i = 0; i < 4; i++) {
		void *r;
		pthread_join(t[i], &r);
		bad |= r != 0;
	}
	return bad;
}
