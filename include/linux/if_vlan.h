/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_LINUX_IF_VLAN_H
#define __BPFCC_LINUX_IF_VLAN_H

#include <linux/types.h>
#include <linux/if_ether.h>
#define VLAN_HLEN 4
#define VLAN_ETH_HLEN 18

#endif
