// Everyday calls with good and bad arguments, for comparison with strace.
#define _GNU_SOURCE
#include <unistd.h>
#include <sys/syscall.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/select.h>
#include <sys/epoll.h>
#include <poll.h>
#include <string.h>
#include <stdio.h>
#include <sys/wait.h>
#include <sched.h>
#include <sys/uio.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/statfs.h>
#include <sys/stat.h>
#include <netinet/in.h>
int main(){
 struct sockaddr_un u={AF_UNIX,"/tmp/nope"}; int s=socket(AF_UNIX,SOCK_STREAM,0);
 connect(s,(void*)&u,sizeof u); connect(s,(void*)&u,12);connect(s,(void*)&u,2);connect(s,(void*)&u,1);connect(s,(void*)1,5);connect(s,0,5);
 memcpy(u.sun_path,"\0abc",4); connect(s,(void*)&u,6);
 struct sockaddr_in6 i6={AF_INET6}; connect(s,(void*)&i6,sizeof i6);connect(s,(void*)&i6,24);connect(s,(void*)&i6,20);
 struct sockaddr_in i4={AF_INET}; connect(s,(void*)&i4,sizeof i4);connect(s,(void*)&i4,8);
 struct sockaddr x={0}; connect(s,&x,16); x.sa_family=99; connect(s,&x,16);
 syscall(SYS_getsockname,s,&u,0);syscall(SYS_getsockname,s,0,0);
 socklen_t l=110; getsockname(s,(void*)&u,&l);l=1;getsockname(s,(void*)&u,&l);l=0;getsockname(s,(void*)&u,&l);
 int fds[2];pipe(fds); fd_set r;FD_ZERO(&r);FD_SET(fds[0],&r);struct timeval tv={0,10};select(10,&r,0,0,&tv);FD_SET(fds[0],&r);FD_SET(fds[1],&r);fd_set w=r;tv.tv_sec=1;syscall(SYS_select,10,&r,&w,0,&tv);
 syscall(SYS_select,-1,&r,&w,0,&tv);
 struct pollfd p[3]={{fds[0],POLLIN},{fds[1],POLLOUT|POLLIN},{-1,0}};poll(p,3,100);poll(p,1,0);poll(p,0,0);poll(0,0,0);poll((void*)1,2,0);p[0].fd=99;poll(p,2,0);
 struct iovec v[3]={{"hello",5},{"wo",2},{0,0}};writev(fds[1],v,3);writev(fds[1],v,0);writev(fds[1],0,1);writev(fds[1],(void*)1,1);
 char b1[10],b2[10];struct iovec rv[3]={{b1,3},{b2,10},{b1,4}};readv(fds[0],rv,3);readv(99,rv,2);
 struct msghdr m={.msg_iov=v,.msg_iovlen=2};int sp[2];socketpair(AF_UNIX,SOCK_DGRAM,0,sp);sendmsg(sp[0],&m,0);
 char cb[64]={0};m.msg_control=cb;m.msg_controllen=CMSG_SPACE(8);struct cmsghdr*c=CMSG_FIRSTHDR(&m);c->cmsg_level=SOL_SOCKET;c->cmsg_type=SCM_RIGHTS;c->cmsg_len=CMSG_LEN(8);memcpy(CMSG_DATA(c),fds,8);sendmsg(sp[0],&m,MSG_NOSIGNAL);
 m.msg_iov=rv;m.msg_controllen=64;recvmsg(sp[1],&m,0);m.msg_controllen=64;recvmsg(sp[1],&m,MSG_CMSG_CLOEXEC);recvmsg(sp[1],&m,MSG_DONTWAIT);
 int st;if(!fork())_exit(3);wait(&st);waitpid(-1,&st,WNOHANG);if(!fork()){raise(9);}wait(&st);
 siginfo_t si;if(!fork())_exit(4);waitid(P_ALL,0,&si,WEXITED|WNOWAIT);waitid(P_ALL,0,0,WEXITED);
 syscall(SYS_wait4,-1,0,0,0);
 cpu_set_t cs;sched_getaffinity(0,sizeof cs,&cs);sched_setaffinity(0,8,&cs);syscall(SYS_sched_getaffinity,0,3,&cs);
 fcntl(s,F_GETFL);fcntl(s,F_SETFL,O_NONBLOCK);fcntl(s,F_SETFD,1);fcntl(s,F_GETFD);fcntl(s,F_DUPFD_CLOEXEC,10);struct flock fl={F_RDLCK};fcntl(0,F_GETLK,&fl);fcntl(0,F_SETOWN,1);fcntl(0,F_GETOWN);fcntl(0,F_GETSIG);fcntl(s,77,1);fcntl(0,F_GETPIPE_SZ);
 struct statfs sf;statfs("/proc",&sf);struct stat sb;stat("/dev/null",&sb);
 struct timeval ut[2]={{1,2},{3,4}};utimes("/nope",ut);struct timespec ts[2]={{1,UTIME_NOW},{3,UTIME_OMIT}};utimensat(-100,"/nope",ts,0);ts[0].tv_nsec=5;utimensat(-100,"/nope",ts,0);
 char buf[5]="abcd";syscall(SYS_setxattr,"/nope","user.x",buf,4,0);
 int one=1;setsockopt(s,SOL_SOCKET,SO_REUSEADDR,&one,4);getsockopt(s,SOL_SOCKET,SO_ERROR,&one,&(socklen_t){4});struct linger lg={1,2};setsockopt(s,SOL_SOCKET,SO_LINGER,&lg,8);setsockopt(s,IPPROTO_TCP,1,&one,4);struct timeval t5={5,0};setsockopt(s,SOL_SOCKET,SO_RCVTIMEO,&t5,16);setsockopt(s,SOL_SOCKET,SO_BINDTODEVICE,"lo",3);getsockopt(s,SOL_SOCKET,SO_PEERCRED,cb,&(socklen_t){12});getsockopt(s,SOL_SOCKET,SO_TYPE,&one,&(socklen_t){2});setsockopt(s,77,88,&one,4);
 preadv(fds[0],rv,2,100);pwritev2(1,v,0,5,RWF_HIPRI);
 mremap(0,4096,8192,MREMAP_MAYMOVE);
 int e=epoll_create1(0);struct epoll_event ev={EPOLLIN,{.fd=3}};epoll_ctl(e,EPOLL_CTL_ADD,fds[1],&ev);ev.events=EPOLLOUT;epoll_ctl(e,EPOLL_CTL_MOD,fds[1],&ev);epoll_wait(e,&ev,1,0);epoll_ctl(e,EPOLL_CTL_DEL,fds[1],&ev);
 memfd_create("abc",MFD_HUGETLB|(21<<26));
 lseek(s,-1,SEEK_CUR); 
}
