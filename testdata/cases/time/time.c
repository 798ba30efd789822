/* Clocks, sleeps and timers: what they tell differs, what is asked does not. */
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int main(void) {
	struct timespec t, nap = {0, 1000000};
	struct itimerspec once = {{0, 0}, {0, 1000000}};
	struct stat st;
	uint64_t n = 0;
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	nanosleep(&nap, 0);
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(fd, 0, &once, 0);
	if (read(fd, &n, sizeof n) != sizeof n || stat(".", &st))
		return 1;
	printf("%d\n", (int)n);
	return 0;
}
