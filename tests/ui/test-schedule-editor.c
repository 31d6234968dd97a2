/* test-schedule-editor.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-schedule-editor.h"
#include "reprise-ui-test.h"

/* What is kept comes back as it was, whether the rows have a place for it or it is several rules. */
static void
test_keeps (void)
{
  static const char *const texts[] = {
    "hourly :15",
    "hourly :15 :45",
    "daily 02:00",
    "daily 02:00 14:30",
    "weekly mon,thu 02:00",
    "weekly sun 02:00 23:59",
    "monthly 1,15,last 02:00",
    "hourly/6 :15",
    "daily 02:00; monthly last 12:00",
    NULL,
  };
  g_autoptr (RepriseScheduleEditor) editor =
    g_object_ref_sink (g_object_new (REPRISE_TYPE_SCHEDULE_EDITOR, NULL));

  g_assert_null (reprise_schedule_editor_get_text (editor));
  g_assert_true (reprise_schedule_editor_get_valid (editor));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      reprise_schedule_editor_set_text (editor, texts[i]);
      g_assert_cmpstr (reprise_schedule_editor_get_text (editor), ==, texts[i]);
      g_assert_true (reprise_schedule_editor_get_valid (editor));
    }
}

/* What a wrong hand has written is shown, and cannot be saved as it is. */
static void
test_wrong (void)
{
  g_autoptr (RepriseScheduleEditor) editor =
    g_object_ref_sink (g_object_new (REPRISE_TYPE_SCHEDULE_EDITOR, NULL));

  reprise_schedule_editor_set_text (editor, "daily 26:00");
  g_assert_false (reprise_schedule_editor_get_valid (editor));
  g_assert_null (reprise_schedule_editor_get_text (editor));
  g_assert_nonnull (
    reprise_ui_test_find (GTK_WIDGET (editor), GTK_TYPE_LABEL, "Not Understood Yet"));
  reprise_schedule_editor_set_text (editor, "weekly tue 03:00");
  g_assert_true (reprise_schedule_editor_get_valid (editor));
}

/* As a person does it: another frequency proposes what makes sense. */
static void
test_by_hand (void)
{
  g_autoptr (RepriseScheduleEditor) editor =
    g_object_ref_sink (g_object_new (REPRISE_TYPE_SCHEDULE_EDITOR, NULL));
  static const char *const expected[] = { NULL, "hourly :15", "daily 02:00", "weekly sun 02:00",
                                          "monthly 1 02:00" };
  AdwComboRow *often =
    ADW_COMBO_ROW (reprise_ui_test_find (GTK_WIDGET (editor), ADW_TYPE_COMBO_ROW, NULL));

  g_assert_nonnull (often);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      adw_combo_row_set_selected (often, i);
      g_assert_cmpstr (reprise_schedule_editor_get_text (editor), ==, expected[i]);
      g_assert_true (reprise_schedule_editor_get_valid (editor));
    }
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/schedule-editor/keeps", test_keeps);
  g_test_add_func ("/schedule-editor/wrong", test_wrong);
  g_test_add_func ("/schedule-editor/by-hand", test_by_hand);
  return g_test_run ();
}
