/* first-frame.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/Xdamage.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

/*
 * first-frame COMMAND…
 *
 * Starts a program and prints the seconds until one of its windows shows something: not until the window is there, but until more than
 * one colour is in it. Then it ends the program. On a display without a window manager.
 */

#define TIMEOUT_S   30
#define MIN_PIXELS  100 /* of a window's width and height: smaller ones are helpers */
#define GRID_PIXELS 7   /* between the looked-at pixels of a picture */

static int
ignore_cb (Display *display, XErrorEvent *event)
{
  return 0; /* a window may go while we look at it */
}

static gboolean
shows_something (Display *display, Window window)
{
  XWindowAttributes attributes;
  XImage *image;
  gboolean found = FALSE;

  if (!XGetWindowAttributes (display, window, &attributes) || attributes.map_state != IsViewable ||
      attributes.width < MIN_PIXELS || attributes.height < MIN_PIXELS)
    return FALSE;
  image = XGetImage (display, window, 0, 0, (guint) attributes.width, (guint) attributes.height,
                     AllPlanes, ZPixmap);
  if (image == NULL)
    return FALSE;
  for (int y = 0; y < image->height && !found; y += GRID_PIXELS)
    for (int x = 0; x < image->width && !found; x += GRID_PIXELS)
      found = XGetPixel (image, x, y) != XGetPixel (image, 0, 0);
  XDestroyImage (image);
  return found;
}

static gboolean
handle (Display *display, int damage_event, XEvent *event)
{
  if (event->type == MapNotify && !event->xmap.override_redirect)
    XDamageCreate (display, event->xmap.window, XDamageReportNonEmpty);
  else if (event->type == damage_event + XDamageNotify)
    {
      XDamageNotifyEvent *damage = (XDamageNotifyEvent *) event;

      XDamageSubtract (display, damage->damage, None, None);
      return shows_something (display, damage->drawable);
    }
  return FALSE;
}

static gboolean
wait_for_frame (Display *display, int damage_event)
{
  gint64 end = g_get_monotonic_time () + TIMEOUT_S * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end)
    {
      struct pollfd wait = { .fd = ConnectionNumber (display), .events = POLLIN };
      XEvent event;

      if (XPending (display) == 0)
        {
          poll (&wait, 1, 100);
          continue;
        }
      XNextEvent (display, &event);
      if (handle (display, damage_event, &event))
        return TRUE;
    }
  return FALSE;
}

int
main (int argc, char **argv)
{
  Display *display = XOpenDisplay (NULL);
  int damage_event, damage_error;
  gint64 start_us;
  gboolean found;
  pid_t child;

  if (argc < 2 || display == NULL || !XDamageQueryExtension (display, &damage_event, &damage_error))
    {
      fprintf (stderr, "first-frame COMMAND…, on a display with DAMAGE\n");
      return 2;
    }
  XSetErrorHandler (ignore_cb);
  XSelectInput (display, DefaultRootWindow (display), SubstructureNotifyMask);
  XSync (display, False);
  start_us = g_get_monotonic_time ();
  child = fork ();
  if (child == 0)
    {
      execvp (argv[1], argv + 1);
      _exit (127);
    }
  found = wait_for_frame (display, damage_event);
  if (found)
    printf ("%.4f\n", (double) (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC);
  kill (child, SIGTERM);
  waitpid (child, NULL, 0);
  XCloseDisplay (display);
  return found ? 0 : 1;
}
