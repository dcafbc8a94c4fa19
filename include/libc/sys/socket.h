/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_SYS_SOCKET_H
#define __BPFCC_SYS_SOCKET_H

#include <sys/types.h>
#include <linux/socket.h>

typedef unsigned int socklen_t;
typedef unsigned short sa_family_t;

enum __socket_type {
	SOCK_STREAM = 1,
	SOCK_DGRAM = 2,
	SOCK_RAW = 3,
	SOCK_RDM = 4,
	SOCK_SEQPACKET = 5,
	SOCK_DCCP = 6,
	SOCK_PACKET = 10,
	SOCK_CLOEXEC = 02000000,
	SOCK_NONBLOCK = 00004000
};
#define SOCK_STREAM SOCK_STREAM
#define SOCK_DGRAM SOCK_DGRAM
#define SOCK_RAW SOCK_RAW
#define SOCK_SEQPACKET SOCK_SEQPACKET

struct sockaddr {
	sa_family_t sa_family;
	char sa_data[14];
};

#define AF_UNSPEC 0
#define PF_UNSPEC AF_UNSPEC
#define AF_UNIX 1
#define PF_UNIX AF_UNIX
#define AF_LOCAL 1
#define PF_LOCAL AF_LOCAL
#define AF_INET 2
#define PF_INET AF_INET
#define AF_AX25 3
#define PF_AX25 AF_AX25
#define AF_IPX 4
#define PF_IPX AF_IPX
#define AF_APPLETALK 5
#define PF_APPLETALK AF_APPLETALK
#define AF_NETROM 6
#define PF_NETROM AF_NETROM
#define AF_BRIDGE 7
#define PF_BRIDGE AF_BRIDGE
#define AF_INET6 10
#define PF_INET6 AF_INET6
#define AF_NETLINK 16
#define PF_NETLINK AF_NETLINK
#define AF_PACKET 17
#define PF_PACKET AF_PACKET
#define AF_KEY 15
#define PF_KEY AF_KEY
#define AF_VSOCK 40
#define PF_VSOCK AF_VSOCK
#define AF_XDP 44
#define PF_XDP AF_XDP
#define AF_SMC 43
#define PF_SMC AF_SMC
#define AF_CAN 29
#define PF_CAN AF_CAN
#define AF_TIPC 30
#define PF_TIPC AF_TIPC
#define AF_BLUETOOTH 31
#define PF_BLUETOOTH AF_BLUETOOTH
#define AF_ALG 38
#define PF_ALG AF_ALG

#include <asm/socket.h>

#define SOL_IP 0
#define SOL_TCP 6
#define SOL_UDP 17
#define SOL_IPV6 41
#define SOL_RAW 255
#define SOL_PACKET 263
#define SOL_NETLINK 270
#define SOL_TLS 282
#define SOL_XDP 283

#define SOMAXCONN 4096
#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_DONTWAIT 0x40

#endif
